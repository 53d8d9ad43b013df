import { expect, test } from "vitest";
import type { Question } from "./api";
import { byField, check, noDetails, toSubmission } from "./details";
import { catalogues } from "./messages";

const m = catalogues.en;
const question = (id: string, type: Question["type"], required = true): Question => ({ id, label: id, type, required, options: [] });
const questions = [question("topic", "textarea"), question("many", "multiselect"), question("consent", "checkbox"), question("more", "text", false)];

test("what is missing or wrong is told by field", () => {
  expect(check({ ...noDetails, name: " ", email: "sato@example", answers: { many: [] } }, questions, m)).toEqual({
    name: m.errors.nameMissing,
    email: m.errors.emailWrong,
    "answers.topic": m.errors.answerMissing,
    "answers.many": m.errors.answerMissing,
    "answers.consent": m.errors.mustTick,
  });
});

test("the server's field problems find their fields", () => {
  const problem = (field: string) => ({ field, code: "", detail: `${field}!` });
  expect(byField([problem("guest.email"), problem("answers.topic"), problem("answers.gone"), problem("guest.timezone")], questions)).toEqual({
    email: "guest.email!",
    "answers.topic": "answers.topic!",
  });
});

test("a submission carries what was given, trimmed and in half width", () => {
  const details = {
    name: " 佐藤 健 ",
    email: "ｓａｔｏ＠example.com",
    company: " ",
    phone: "０９０ー１２３４－５６７８",
    answers: { topic: "料金", many: [], consent: true, more: " " },
  };
  expect(toSubmission("2026-12-01T10:00:00+09:00", details, "Asia/Tokyo", "ja")).toEqual({
    start: "2026-12-01T10:00:00+09:00",
    guest: { name: "佐藤 健", email: "sato@example.com", phone: "090-1234-5678", timezone: "Asia/Tokyo", locale: "ja" },
    answers: { topic: "料金", consent: true },
  });
});
