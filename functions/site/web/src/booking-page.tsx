import { useEffect, useLayoutEffect, useReducer, useRef, useState } from "preact/hooks";
import { About } from "./about";
import { earliestMs, getSlots, type Place, postBooking, postCode, type Receipt, Refusal, type SlotsAsked } from "./api";
import type { PageData } from "./app";
import { ChooseScreen } from "./choose-screen";
import { ConfirmScreen } from "./confirm-screen";
import { byField, check, halfWidth, toSubmission } from "./details";
import { DetailsScreen } from "./details-screen";
import { type Act, begin, type Flow, next, resumed, type Screen, type Sent } from "./flow";
import { useFrame } from "./frame";
import { forget, recall, remember } from "./memory";
import { monthOf } from "./month";
import { pause } from "./pause";
import { dateOf } from "./stamp";
import { deliver } from "./submission";
import { useOpenings } from "./use-openings";
import { detectedZone, today } from "./zones";

interface Props {
  place: Place;
  data: PageData;
  booked: (receipt: Receipt) => void;
}

/** A booking page: choose a time, give details, confirm. */
export function BookingPage({ place, data, booked }: Props) {
  const { page } = data;
  const { m, language } = useFrame();
  const path = `/b/${place.host}/${place.page}`;
  const [flow, act] = useReducer(next, path, (p) => {
    const left = recall<Flow>(p);
    return left ? resumed(left) : begin(detectedZone());
  });
  const [month, setMonth] = useState(() => firstMonth(flow, data));
  const source = { slots: (asked: SlotsAsked, signal?: AbortSignal) => getSlots(place, asked, language, signal), first: data, lastDate: page.lastDate };
  const reading = useOpenings(source, flow.timezone, month, () => act({ type: "zone", timezone: page.timezone }));

  useEffect(() => remember(path, flow), [path, flow]);
  useHistory(flow, act);

  const refused = (refusal: Refusal) => {
    const errors = byField(refusal.fields, page);
    if (refusal.code === "slot_taken" || refusal.code === "slot_not_open") {
      act({ type: refusal.code === "slot_taken" ? "taken" : "closed" });
      reading.again(true);
    } else if (Object.keys(errors).length > 0) {
      act({ type: "wrong", errors });
    } else {
      act({ type: "refused", detail: refusal.detail });
    }
  };

  const send = async (sent: Sent) => {
    act({ type: "send", sent });
    remember(path, next(flow, { type: "send", sent })); // the key before the request
    try {
      await pause(earliestMs - performance.now()); // who reloads the confirm screen is none
      const receipt = await deliver(() => postBooking(place, sent.key, sent.body, language));
      forget(path);
      booked(receipt);
    } catch (error) {
      if (error instanceof Refusal) refused(error);
      else act({ type: "unanswered" });
    }
  };

  const sendCode = async () => {
    const email = halfWidth(flow.details.email);
    try {
      await postCode(place, email, language);
      act({ type: "code", sentTo: email });
    } catch (error) {
      act({ type: "refused", detail: error instanceof Refusal ? error.detail : m.notice.codeNotSent });
    }
  };

  const { slot } = flow;
  return (
    <div class="sheet" data-screen={flow.screen}>
      <About page={page} />
      <div class="screen">
        {flow.screen === "choose" || !slot ? (
          <ChooseScreen page={page} flow={flow} act={act} month={month} setMonth={setMonth} reading={reading} />
        ) : flow.screen === "details" ? (
          <DetailsScreen page={page} flow={flow} slot={slot} act={act} review={() => act({ type: "checked", errors: check(flow.details, page, m) })} />
        ) : (
          <ConfirmScreen
            place={place}
            data={data}
            flow={flow}
            slot={slot}
            act={act}
            sendCode={sendCode}
            send={() => {
              if (page.verifyEmail && !flow.details.code.trim()) act({ type: "wrong", errors: { code: m.errors.codeMissing } });
              else void send(flow.sent ?? { key: crypto.randomUUID(), body: toSubmission(slot.start, flow.details, flow.timezone, language) });
            }}
          />
        )}
      </div>
    </div>
  );
}

/** The month to open with: the chosen time's, else that of the first open day. */
function firstMonth(flow: Flow, data: PageData): string {
  const chosen = flow.slot ? dateOf(flow.slot.start) : flow.day;
  const first = data.slots.slots[0];
  return monthOf(chosen ?? (first ? dateOf(first.start) : today(flow.timezone)));
}

/** Keeps the browser's back and forward buttons in step with the screens. */
function useHistory(flow: Flow, act: (a: Act) => void): void {
  const begun = useRef(false);
  // At once, not after it is drawn: by then the browser may be at another entry.
  useLayoutEffect(() => {
    const here = (history.state as { screen?: Screen } | null)?.screen;
    // What the guest comes back to, from a result, begins anew; what lies ahead stays.
    if (!begun.current) history.replaceState({ screen: flow.screen }, "");
    else if (here !== flow.screen) history.pushState({ screen: flow.screen }, "");
    begun.current = true;
  }, [flow.screen]);
  useEffect(() => {
    const moved = (e: PopStateEvent) => {
      const screen = (e.state as { screen?: Screen } | null)?.screen ?? "choose";
      act({ type: "go", screen });
      if (flow.sent) history.pushState({ screen: flow.screen }, "");
    };
    addEventListener("popstate", moved);
    return () => removeEventListener("popstate", moved);
  }, [flow.sent, flow.screen]);
}
