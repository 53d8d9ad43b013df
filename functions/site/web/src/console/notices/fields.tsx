import { hookEvents, type HookSettings } from "../api";
import { TextField, TicksField } from "../ui";
import { useNoticeWords } from "./messages";

interface Props {
  value: HookSettings;
  errors: Record<string, string>;
  change: (changes: Partial<HookSettings>) => void;
}

/** What a host says of a notice, but for its form. */
export function Fields({ value, errors, change }: Props) {
  const n = useNoticeWords();
  return (
    <>
      <TextField name="url" label={n.url} required inputMode="url" value={value.url} hint={n.urlHints[value.format]} error={errors.url} change={(url) => change({ url })} />
      {value.format !== "json" && <p class="hint">{n.urlKept}</p>}
      <TicksField
        name="events"
        label={n.events}
        options={hookEvents}
        ticked={value.events}
        error={errors.events}
        change={(events) => change({ events })}
        words={(e) => <span>{n.eventNames[e]}</span>}
      />
    </>
  );
}

/** What can be told to be wrong without asking. */
export function useCheck(): (value: HookSettings) => Record<string, string> {
  const n = useNoticeWords();
  return ({ url, events }) => ({ ...(!url.trim() && { url: n.urlMissing }), ...(events.length === 0 && { events: n.eventsMissing }) });
}
