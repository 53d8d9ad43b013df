import { expect, test } from "vitest";
import type { Question } from "./api";
import { type Asking, byField, check, noDetails, toSubmission } from "./details";
import { catalogues } from "./messages";

const m = catalogues.en;
const question = (id: string, type: Question["type"], required = true): Question => ({ id, label: id, type, required, options: [] });
const questions = [question("topic", "textarea"), question("many", "multiselect"), question("consent", "checkbox"), question("more", "text", false)];
const page: Asking = {
  questions,
  phone: "required",
  maxCoAttendees: 2,
  consent: { text: "I agree", version: "2" },
  verifyEmail: true,
};

test("what is missing or wrong is told by field", () => {
  expect(check({ ...noDetails, name: " ", email: "sato@example", coAttendees: ["", "a@", "b@example.com"], answers: { many: [] } }, page, m)).toEqual({
    name: m.errors.nameMissing,
    email: m.errors.emailWrong,
    phone: m.errors.phoneMissing,
    "coAttendees.1": m.errors.emailWrong,
    consent: m.errors.mustTick,
    "answers.topic": m.errors.answerMissing,
    "answers.many": m.errors.answerMissing,
    "answers.consent": m.errors.mustTick,
  });
});

test("the server's field problems find their fields", () => {
  const problem = (field: string) => ({ field, code: "", detail: `${field}!` });
  const problems = ["guest.email", "guest.coAttendees[1]", "consent", "code", "answers.topic", "answers.gone", "guest.timezone"].map(problem);
  expect(byField(problems, page)).toEqual({
    email: "guest.email!",
    "coAttendees.1": "guest.coAttendees[1]!",
    consent: "consent!",
    code: "code!",
    "answers.topic": "answers.topic!",
  });
});

test("a submission carries what was given, trimmed and in half width", () => {
  const details = {
    ...noDetails,
    name: " 佐藤 健 ",
    email: "ｓａｔｏ＠example.com",
    company: " ",
    phone: "０９０ー１２３４－５６７８",
    coAttendees: [" ", "ｋｅｎ@example.com"],
    consent: "2",
    code: "１２３４５６",
    answers: { topic: "料金", many: [], consent: true, more: " " },
  };
  expect(toSubmission("2026-12-01T10:00:00+09:00", details, "Asia/Tokyo", "ja")).toEqual({
    start: "2026-12-01T10:00:00+09:00",
    guest: {
      name: "佐藤 健",
      email: "sato@example.com",
      phone: "090-1234-5678",
      timezone: "Asia/Tokyo",
      locale: "ja",
      coAttendees: ["ken@example.com"],
    },
    consent: "2",
    code: "123456",
    answers: { topic: "料金", consent: true },
  });
});

test("a question may have the name of what every object has", () => {
  const ids = ["constructor", "__proto__", "toString"];
  const odd: Asking = { questions: ids.map((id) => question(id, "text")), phone: "off", maxCoAttendees: 0, verifyEmail: false };
  const nobody = { ...noDetails, name: "A", email: "a@example.com" };
  expect(check(nobody, odd, m)).toEqual(Object.fromEntries(ids.map((id) => [`answers.${id}`, m.errors.answerMissing])));
  const answers = Object.fromEntries(ids.map((id) => [id, "yes"]));
  expect(check({ ...nobody, answers }, odd, m)).toEqual({});
  expect(toSubmission("2026-12-01T10:00:00+09:00", { ...nobody, answers }, "Asia/Tokyo", "ja").answers).toEqual(answers);
});
