import type { Slot } from "./api";
import { useFrame } from "./frame";
import { dateOf, fullDate, offsetsOf, timeSpan } from "./stamp";
import { cityOf, zoneName } from "./zones";

/** The appointment's date and time, large, with its zone. */
export function When({ slot, timezone }: { slot: Slot; timezone: string }) {
  const { locale } = useFrame();
  return (
    <p class="when">
      <time dateTime={slot.start} class="when-date">
        {fullDate(dateOf(slot.start), locale)}
      </time>
      <span class="when-time">{timeSpan(slot, locale)}</span>
      <ZoneNamed timezone={timezone} stamp={slot.start} end={slot.end} />
    </p>
  );
}

/** "Japan Time, Tokyo (GMT+9)", with the offset that the stamp states, and the end's where it is another. */
export function ZoneNamed({ timezone, stamp, end = stamp }: { timezone: string; stamp: string; end?: string }) {
  const { locale, m } = useFrame();
  return <span class="zone-named">{m.zone.named(zoneName(timezone, locale), cityOf(timezone), offsetsOf({ start: stamp, end }))}</span>;
}
