import type { PageSettings } from "../api";
import { Button, Dialog } from "../ui";
import { usePageWords } from "./messages";
import { conflictOf, merged, type Setting } from "./settings";

interface Props {
  base: PageSettings; // that both began with
  mine: PageSettings;
  theirs: PageSettings;
  busy: boolean;
  keep: (settings: PageSettings) => void;
  take: () => void;
  close: () => void;
}

/** Two saves met: what changed where, and what to keep. Nothing is lost until the host says so. */
export function ConflictDialog({ base, mine, theirs, busy, keep, take, close }: Props) {
  const p = usePageWords();
  const { mine: here, theirs: there, both } = conflictOf(base, mine, theirs);
  const list = (settings: Setting[]) => (settings.length > 0 ? settings.map((s) => p.settings[s]).join(p.settings.slug === "URL" ? "、" : ", ") : p.conflict.none);
  return (
    <Dialog title={p.conflict.heading} lead={p.conflict.lead} close={close} wide>
      <dl class="summary">
        <div>
          <dt>{p.conflict.theirs}</dt>
          <dd>{list(there)}</dd>
        </div>
        <div>
          <dt>{p.conflict.mine}</dt>
          <dd>{list(here)}</dd>
        </div>
        {both.length > 0 && (
          <div>
            <dt>{p.conflict.both}</dt>
            <dd>
              <strong>{list(both)}</strong>
            </dd>
          </div>
        )}
      </dl>
      <div class="actions">
        <Button primary busy={busy} press={() => keep(merged(base, mine, theirs))}>
          {p.conflict.merge}
        </Button>
        <Button danger busy={busy} press={take}>
          {p.conflict.take}
        </Button>
        <Button press={close}>{p.conflict.later}</Button>
      </div>
    </Dialog>
  );
}
