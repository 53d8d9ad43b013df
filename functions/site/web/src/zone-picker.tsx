import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { useFrame } from "./frame";
import { cityOf, matching, zoneChoices, zoneName } from "./zones";

interface Props {
  timezone: string;
  choose: (timezone: string) => void;
}

/** The guest's zone, and the way to another. */
export function ZoneLine({ timezone, choose }: Props) {
  const { m, locale } = useFrame();
  const [open, setOpen] = useState(false);
  return (
    <p class="zone-line">
      <span class="quiet">{m.zone.label}</span> <strong>{zoneName(timezone, locale)}</strong> <span class="quiet">{cityOf(timezone)}</span>{" "}
      <button type="button" class="link" aria-haspopup="dialog" onClick={() => setOpen(true)}>
        {m.zone.change}
      </button>
      {open && <ZoneDialog timezone={timezone} choose={choose} close={() => setOpen(false)} />}
    </p>
  );
}

function ZoneDialog({ timezone, choose, close }: Props & { close: () => void }) {
  const { m, locale } = useFrame();
  const dialog = useRef<HTMLDialogElement>(null);
  const [typed, setTyped] = useState("");
  const choices = useMemo(() => zoneChoices(locale), [locale]);
  const found = matching(choices, typed);
  useEffect(() => {
    dialog.current?.showModal();
    dialog.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "center" });
  }, []);
  useEffect(() => {
    if (typed) dialog.current?.querySelector("ul")?.scrollTo({ top: 0 }); // the best matches are the first
  }, [typed]);
  return (
    <dialog ref={dialog} class="zones" aria-labelledby="zones-heading" onClose={close}>
      <div class="zones-head">
        <h3 id="zones-heading">{m.zone.heading}</h3>
        <button type="button" class="link" onClick={() => dialog.current?.close()}>
          {m.zone.close}
        </button>
      </div>
      <label>
        <span>{m.zone.search}</span>
        <input type="search" autocomplete="off" value={typed} onInput={(e) => setTyped(e.currentTarget.value)} autofocus />
      </label>
      <p class="quiet" role="status">
        {found.length ? m.zone.found(found.length) : m.zone.none}
      </p>
      <ul>
        {found.map((z) => (
          <li key={z.id}>
            <button
              type="button"
              aria-current={z.id === timezone ? "true" : undefined}
              onClick={() => {
                choose(z.id);
                dialog.current?.close();
              }}
            >
              <span>{z.city}</span>
              <span class="quiet">{z.name === z.city ? "" : z.name}</span>
              <span class="zone-offset">{z.offset}</span>
            </button>
          </li>
        ))}
      </ul>
    </dialog>
  );
}
