import { describe, expect, test } from "vitest";
import { type Booking, NoAnswer, Refusal, type StepStatus } from "./api";
import { follow, nextWait, settled } from "./progress";

const booking = (status: Booking["status"], mail: StepStatus = "waiting"): Booking => ({
  id: "b",
  status,
  start: "",
  end: "",
  timezone: "UTC",
  guest: { name: "", email: "" },
  host: "",
  title: "",
  steps: [{ name: "mail", status: mail }],
  revision: 0,
  canCancel: true,
  canReschedule: true,
});

test("a booking is settled once its guest has heard, or cannot", () => {
  expect(settled(booking("pending", "done"))).toBe(false);
  expect(settled(booking("confirmed", "started"))).toBe(false);
  expect(settled(booking("confirmed", "done"))).toBe(true);
  expect(settled(booking("failed", "waiting"))).toBe(false);
  expect(settled(booking("failed", "failed"))).toBe(true);
  expect(settled(booking("cancelled", "waiting"))).toBe(false);
  expect(settled(booking("cancelled", "done"))).toBe(true);
});

test("a booking is not settled while it is being moved", () => {
  const standing = booking("confirmed", "done");
  expect(settled({ ...standing, move: { start: "", end: "", by: "guest", steps: [] } })).toBe(false);
  expect(settled({ ...standing, moved: { from: "", by: "guest", at: "", newUrl: false } })).toBe(true);
});

test("waits grow, and stop growing at half a minute", () => {
  expect(nextWait(250)).toBe(333);
  expect(nextWait(29_000)).toBe(30_000);
});

describe("following a booking", () => {
  const run = async (...answers: (Booking | Error)[]) => {
    const log: string[] = [];
    const read = async () => {
      const answer = answers.shift();
      if (!answer || answer instanceof Error) throw answer;
      return answer;
    };
    const done = follow(
      read,
      (b) => log.push(b.status),
      () => log.push("lost"),
      new AbortController().signal,
      async (ms) => void log.push(`wait ${ms}`),
    );
    return { log, error: await done.then(() => undefined, (e: unknown) => e) };
  };

  test("shows each state until it is settled", async () => {
    const { log, error } = await run(booking("pending"), booking("confirmed", "done"));
    expect(error).toBeUndefined();
    expect(log).toEqual(["pending", "wait 250", "confirmed"]);
  });

  test("never takes silence for a failure", async () => {
    const { log } = await run(booking("pending"), new NoAnswer(2), booking("confirmed", "done"));
    expect(log).toEqual(["pending", "wait 250", "lost", "wait 2000", "confirmed"]);
  });

  test("ends with a refusal", async () => {
    const { error } = await run(new Refusal(404, "booking_not_found", ""));
    expect(error).toBeInstanceOf(Refusal);
  });
});
