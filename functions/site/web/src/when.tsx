import type { Slot } from "./api";
import { useFrame } from "./frame";
import { dateOf, fullDate, offsetOf, timeSpan } from "./stamp";
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
      <ZoneNamed timezone={timezone} stamp={slot.start} />
    </p>
  );
}

/** "Japan Time, Tokyo (GMT+9)", with the offset that the stamp states. */
export function ZoneNamed({ timezone, stamp }: { timezone: string; stamp: string }) {
  const { locale, m } = useFrame();
  return <span class="zone-named">{m.zone.named(zoneName(timezone, locale), cityOf(timezone), offsetOf(stamp))}</span>;
}
