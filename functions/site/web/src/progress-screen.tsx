import { useEffect, useState } from "preact/hooks";
import type { Booking, StepName, StepStatus } from "./api";
import { ScreenHeading, useFrame } from "./frame";
import { shownSteps, stepStatus } from "./progress";
import { When } from "./when";

type Shown = { name: StepName; status: StepStatus };

/** After this, the guest is told that it takes longer than usual. */
const slowAfterMs = 20_000;

/** A pending booking. */
export function Progress({ booking }: { booking: Booking }) {
  const { m } = useFrame();
  return (
    <>
      <ScreenHeading of={booking.title}>{m.progress.heading}</ScreenHeading>
      <When slot={booking} timezone={booking.timezone} />
      <Steps steps={shownSteps.map((name) => ({ name, status: stepStatus(booking, name) }))} words={m.progress.steps} lead={m.progress.lead} />
    </>
  );
}

/** What is being done: each line turns true as its step is recorded. */
export function Steps({ steps, words, lead }: { steps: Shown[]; words: Record<StepName, string>; lead: string }) {
  const { m, announce } = useFrame();
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), slowAfterMs);
    return () => clearTimeout(timer);
  }, []);
  const last = steps.findLast(({ status }) => status === "done")?.name;
  useEffect(() => {
    if (last) announce(`${words[last]} ${m.progress.status.done}`);
  }, [last]);
  return (
    <>
      <ol class="steps">
        {steps.map(({ name, status }) => (
          <li key={name} data-status={status}>
            <span>{words[name]}</span>
            <span class="step-status">{m.progress.status[status]}</span>
          </li>
        ))}
      </ol>
      <p class="quiet" role="status">
        {slow ? m.progress.slow : lead}
      </p>
    </>
  );
}
