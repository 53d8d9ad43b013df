import { useEffect, useState } from "preact/hooks";
import type { Booking } from "./api";
import { ScreenHeading, useFrame } from "./frame";
import { shownSteps, stepStatus } from "./progress";
import { When } from "./when";

/** After this, the guest is told that it takes longer than usual. */
const slowAfterMs = 20_000;

/** A pending booking: each line turns true as its step is recorded. */
export function Progress({ booking }: { booking: Booking }) {
  const { m, announce } = useFrame();
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), slowAfterMs);
    return () => clearTimeout(timer);
  }, []);
  const done = shownSteps.filter((s) => stepStatus(booking, s) === "done");
  const last = done.at(-1);
  useEffect(() => {
    if (last) announce(`${m.progress.steps[last]} ${m.progress.status.done}`);
  }, [last]);
  return (
    <>
      <ScreenHeading of={booking.title}>{m.progress.heading}</ScreenHeading>
      <When slot={booking} timezone={booking.timezone} />
      <ol class="steps">
        {shownSteps.map((step) => {
          const status = stepStatus(booking, step);
          return (
            <li key={step} data-status={status}>
              <span>{m.progress.steps[step]}</span>
              <span class="step-status">{m.progress.status[status]}</span>
            </li>
          );
        })}
      </ol>
      <p class="quiet" role="status">
        {slow ? m.progress.slow : m.progress.lead}
      </p>
    </>
  );
}
