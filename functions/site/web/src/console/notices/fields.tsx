import { useId } from "preact/hooks";
import { type HookEvent, hookEvents, type HookSettings } from "../api";
import { TextField } from "../ui";
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
      <EventsField events={value.events} error={errors.events} change={(events) => change({ events })} />
    </>
  );
}

function EventsField({ events, error, change }: { events: readonly HookEvent[]; error: string | undefined; change: (events: HookEvent[]) => void }) {
  const n = useNoticeWords();
  const id = useId();
  return (
    <fieldset class="field" aria-describedby={error ? `${id}-error` : undefined}>
      <legend>{n.events}</legend>
      {hookEvents.map((e) => (
        <label key={e} class="tick">
          <input
            type="checkbox"
            name="events"
            aria-invalid={error !== undefined}
            checked={events.includes(e)}
            onChange={(input) => change(hookEvents.filter((other) => (other === e ? input.currentTarget.checked : events.includes(other))))}
          />
          <span>{n.eventNames[e]}</span>
        </label>
      ))}
      {error && (
        <span id={`${id}-error`} class="field-error">
          {error}
        </span>
      )}
    </fieldset>
  );
}

/** What can be told to be wrong without asking. */
export function useCheck(): (value: HookSettings) => Record<string, string> {
  const n = useNoticeWords();
  return ({ url, events }) => ({ ...(!url.trim() && { url: n.urlMissing }), ...(events.length === 0 && { events: n.eventsMissing }) });
}
