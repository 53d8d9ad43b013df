import { useCallback, useEffect, useState } from "preact/hooks";
import { getSlots, type Place, Refusal } from "./api";
import type { PageData } from "./app";
import { useFrame } from "./frame";
import { nothingRead, type Openings, unread, withAnswer } from "./openings";
import { today } from "./zones";

export interface Reading {
  openings: Openings;
  state: "ready" | "loading" | "failed";
  /** Reads the shown month again: all of it if what is known may be out of date. */
  again: (forget: boolean) => void;
}

/** What the HTML brought counts where the guest is in the page's zone. */
const atFirst = (data: PageData, timezone: string): Openings =>
  data.slots.timezone === timezone ? withAnswer(nothingRead(timezone), data.slots, data.from, data.to) : nothingRead(timezone);

/**
 * The open slots of a month in a time zone, read where they are not known yet.
 * zoneRefused is called if the server does not know the zone.
 */
export function useOpenings(place: Place, data: PageData, timezone: string, month: string, zoneRefused: () => void): Reading {
  const { language } = useFrame();
  const [known, setKnown] = useState(() => atFirst(data, timezone));
  const [failed, setFailed] = useState(false);
  const [round, setRound] = useState(0);
  const openings = known.timezone === timezone ? known : nothingRead(timezone);
  const gap = unread(openings, month, today(timezone));

  useEffect(() => {
    if (!gap) return;
    const leave = new AbortController();
    setFailed(false);
    getSlots(place, { ...gap, timezone }, language, leave.signal)
      .then((answer) => setKnown((k) => withAnswer(k.timezone === timezone ? k : nothingRead(timezone), answer, gap.from, gap.to)))
      .catch((error: unknown) => {
        if (leave.signal.aborted) return;
        if (error instanceof Refusal && error.fields.some((p) => p.field === "timezone")) zoneRefused();
        else setFailed(true);
      });
    return () => leave.abort();
  }, [timezone, month, round, gap?.from]);

  const again = useCallback(
    (forget: boolean) => {
      if (forget) setKnown(nothingRead(timezone));
      setRound((r) => r + 1);
    },
    [timezone],
  );
  return { openings, state: !gap ? "ready" : failed ? "failed" : "loading", again };
}
