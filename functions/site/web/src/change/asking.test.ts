import { expect, test } from "vitest";
import { type Booking, NoAnswer, Refusal } from "../api";
import { askToMove } from "./asking";

const was = { status: "confirmed", revision: 1 } as Booking;
const busy = new Refusal(409, "booking_changing", "");

/** Asks, and is answered in turn; tells what happened. */
async function asking(answers: (Error | "accepted")[], bookings: Booking[] = []) {
  const log: string[] = [];
  const end = askToMove({
    post: async () => {
      const answer = answers.shift();
      log.push("ask");
      if (answer !== "accepted") throw answer;
    },
    read: async () => bookings.shift() ?? was,
    was,
    waiting: () => log.push("waiting"),
    wait: async (ms) => void log.push(`${ms}`),
  });
  const error: unknown = await end.then(() => undefined, (e: unknown) => e);
  return { log, error };
}

test("a move is asked for once, and again where the answer is lost", async () => {
  expect(await asking(["accepted"])).toEqual({ log: ["ask"], error: undefined });
  expect(await asking([new NoAnswer(), "accepted"])).toEqual({ log: ["ask", "500", "ask"], error: undefined });
});

test("behind another change it waits, and then asks again", async () => {
  expect(await asking([busy, busy, "accepted"])).toEqual({ log: ["ask", "waiting", "1000", "ask", "waiting", "1330", "ask"], error: undefined });
});

test("of a booking that became another nothing more is asked", async () => {
  for (const is of [{ ...was, revision: 2 }, { ...was, status: "cancelled" }, { ...was, move: { start: "", end: "", by: "host", steps: [] } }] as Booking[]) {
    expect(await asking([busy, "accepted"], [is])).toEqual({ log: ["ask", "waiting", "1000"], error: undefined });
  }
});

test("a no is handed on, and so is silence", async () => {
  const taken = new Refusal(409, "slot_taken", "");
  expect((await asking([taken])).error).toBe(taken);
  expect((await asking([busy, taken])).error).toBe(taken);
  expect((await asking(Array.from({ length: 5 }, () => new NoAnswer()))).error).toBeInstanceOf(NoAnswer);
});
