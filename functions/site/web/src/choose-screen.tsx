import type { Page } from "./api";
import type { Act, Flow } from "./flow";
import { Alert, ScreenHeading, useFrame } from "./frame";
import { moment } from "./stamp";
import { Nearest, TimeChooser } from "./time-chooser";
import type { Reading } from "./use-openings";
import { ZoneLine } from "./zone-picker";

interface Props {
  page: Page;
  flow: Flow;
  act: (a: Act) => void;
  month: string;
  setMonth: (month: string) => void;
  reading: Reading;
}

export function ChooseScreen({ page, flow, act, month, setMonth, reading }: Props) {
  const { m, locale } = useFrame();
  const { timezone, day, slot: chosen, notice } = flow;
  return (
    <>
      <ScreenHeading of={page.title}>{m.choose.heading}</ScreenHeading>
      {notice?.kind === "taken" && (
        <>
          <Alert>{m.notice.taken(moment(notice.slot.start, locale))}</Alert>
          <Nearest openings={reading.openings} to={notice.slot.start} pick={(slot) => act({ type: "slot", slot })} />
        </>
      )}
      {notice?.kind === "closed" && <Alert>{m.notice.closed}</Alert>}
      <ZoneLine timezone={timezone} choose={(zone) => act({ type: "zone", timezone: zone })} />
      <TimeChooser
        timezone={timezone}
        month={month}
        setMonth={setMonth}
        reading={reading}
        day={day}
        pickDay={(date) => act({ type: "day", day: date })}
        chosen={chosen?.start}
        pick={(slot) => act({ type: "slot", slot })}
      />
    </>
  );
}
