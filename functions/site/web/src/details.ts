// What a guest types, what is wrong with it, and how it goes on the wire. The
// server is the judge; what is checked here spares a round trip.

import type { Answer, FieldProblem, Question, Submission } from "./api";
import type { Language, Messages } from "./messages";

export interface Details {
  name: string;
  email: string;
  company: string;
  phone: string;
  answers: Record<string, Answer>;
}

export const noDetails: Details = { name: "", email: "", company: "", phone: "", answers: {} };

/** What is wrong, by field: "name", "email", …, or "answers.<question id>". */
export type FieldErrors = Record<string, string>;

export const answerField = (question: string) => `answers.${question}`;

const mailLike = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

export function check(d: Details, questions: readonly Question[], m: Messages): FieldErrors {
  const errors: FieldErrors = {};
  if (!d.name.trim()) errors.name = m.errors.nameMissing;
  if (!d.email.trim()) errors.email = m.errors.emailMissing;
  else if (!mailLike.test(halfWidth(d.email))) errors.email = m.errors.emailWrong;
  for (const q of questions) {
    if (q.required && isEmpty(d.answers[q.id])) errors[answerField(q.id)] = q.type === "checkbox" ? m.errors.mustTick : m.errors.answerMissing;
  }
  return errors;
}

const isEmpty = (a: Answer | undefined) =>
  a === undefined || a === false || (typeof a === "string" ? !a.trim() : Array.isArray(a) && a.length === 0);

/** The server's field problems by the form's fields; those of no field are left out. */
export function byField(problems: readonly FieldProblem[], questions: readonly Question[]): FieldErrors {
  const fields = new Set(["name", "email", "company", "phone", ...questions.map((q) => answerField(q.id))]);
  const errors: FieldErrors = {};
  for (const p of problems) {
    const field = p.field.replace(/^guest\./, "");
    if (fields.has(field)) errors[field] ??= p.detail;
  }
  return errors;
}

/** Japanese keyboards give full-width letters, digits and hyphens: ０９０ー１２３４. */
const halfWidth = (s: string) => s.normalize("NFKC").replace(/[\u2010-\u2015\u2212\u30fc]/g, "-").trim();

export function toSubmission(start: string, d: Details, timezone: string, locale: Language): Submission {
  const company = d.company.trim();
  const phone = halfWidth(d.phone);
  const answers = Object.entries(d.answers).filter(([, a]) => !isEmpty(a));
  return {
    start,
    guest: {
      name: d.name.trim(),
      email: halfWidth(d.email),
      ...(company && { company }),
      ...(phone && { phone }),
      timezone,
      locale,
    },
    ...(answers.length > 0 && { answers: Object.fromEntries(answers) }),
  };
}
