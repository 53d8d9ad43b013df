import { expect, test } from "vitest";
import { NoAnswer, type Receipt, Refusal } from "./api";
import { deliver } from "./submission";

const receipt: Receipt = { id: "b", token: "t", status: "pending", start: "", end: "" };

/** A post that fails with each of the errors, then succeeds; and the waits between. */
function server(...errors: Error[]) {
  const waits: number[] = [];
  return {
    waits,
    send: () =>
      deliver(
        async () => {
          const error = errors.shift();
          if (error) throw error;
          return receipt;
        },
        async (ms) => void waits.push(ms),
      ),
  };
}

test("what was not answered is sent again", async () => {
  const s = server(new NoAnswer(), new NoAnswer());
  await expect(s.send()).resolves.toBe(receipt);
  expect(s.waits).toEqual([500, 1000]);
});

test("the server's Retry-After is kept, within reason", async () => {
  const s = server(new NoAnswer(3), new NoAnswer(3600));
  await s.send();
  expect(s.waits).toEqual([3000, 20_000]);
});

test("a refusal is final", async () => {
  const s = server(new Refusal(409, "slot_taken", ""));
  await expect(s.send()).rejects.toBeInstanceOf(Refusal);
  expect(s.waits).toEqual([]);
});

test("after five tries it is the guest's turn", async () => {
  const s = server(...Array.from({ length: 5 }, () => new NoAnswer()));
  await expect(s.send()).rejects.toBeInstanceOf(NoAnswer);
  expect(s.waits).toHaveLength(4);
});
