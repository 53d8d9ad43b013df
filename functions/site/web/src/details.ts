// What a guest types, what is wrong with it, and how it goes on the wire. The
// server is the judge; what is checked here spares a round trip.

import type { Answer, FieldProblem, Page, Submission } from "./api";
import type { Language, Messages } from "./messages";
import { own } from "./own";

export interface Details {
  name: string;
  email: string;
  company: string;
  phone: string;
  coAttendees: string[]; // mail addresses, some perhaps still empty
  answers: Record<string, Answer>;
  consent: string; // the version that the guest agrees to
  code: string; // from the mail
  website: string; // what only robots see, and fill in
}

export const noDetails: Details = {
  name: "",
  email: "",
  company: "",
  phone: "",
  coAttendees: [],
  answers: {},
  consent: "",
  code: "",
  website: "",
};

/** What is wrong, by field: "name", "email", …, "coAttendees.<index>", or "answers.<question id>". */
export type FieldErrors = Record<string, string>;

export const answerField = (question: string) => `answers.${question}`;
export const coAttendeeField = (index: number) => `coAttendees.${index}`;

/** What a page asks of its guests. */
export type Asking = Pick<Page, "questions" | "phone" | "maxCoAttendees" | "consent" | "verifyEmail">;

const mailLike = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

export function check(d: Details, page: Asking, m: Messages): FieldErrors {
  const errors: FieldErrors = {};
  if (!d.name.trim()) errors.name = m.errors.nameMissing;
  if (!d.email.trim()) errors.email = m.errors.emailMissing;
  else if (!mailLike.test(halfWidth(d.email))) errors.email = m.errors.emailWrong;
  if (page.phone === "required" && !d.phone.trim()) errors.phone = m.errors.phoneMissing;
  d.coAttendees.forEach((address, i) => {
    if (address.trim() && !mailLike.test(halfWidth(address))) errors[coAttendeeField(i)] = m.errors.emailWrong;
  });
  if (page.consent && d.consent !== page.consent.version) errors.consent = m.errors.mustTick;
  for (const q of page.questions) {
    if (q.required && isEmpty(own(d.answers, q.id))) errors[answerField(q.id)] = q.type === "checkbox" ? m.errors.mustTick : m.errors.answerMissing;
  }
  return errors;
}

const isEmpty = (a: Answer | undefined) =>
  a === undefined || a === false || (typeof a === "string" ? !a.trim() : Array.isArray(a) && a.length === 0);

/** The server's field problems by the form's fields; those of no field are left out. */
export function byField(problems: readonly FieldProblem[], page: Asking): FieldErrors {
  const fields = new Set([
    "name",
    "email",
    "company",
    ...(page.phone === "off" ? [] : ["phone"]),
    ...(page.consent ? ["consent"] : []),
    ...(page.verifyEmail ? ["code"] : []),
    ...Array.from({ length: page.maxCoAttendees }, (_, i) => coAttendeeField(i)),
    ...page.questions.map((q) => answerField(q.id)),
  ]);
  const errors: FieldErrors = {};
  for (const p of problems) {
    const field = p.field.replace(/^guest\./, "").replace(/\[(\d+)\]$/, ".$1");
    if (fields.has(field)) errors[field] ??= p.detail;
  }
  return errors;
}

/** Japanese keyboards give full-width letters, digits and hyphens: ０９０ー１２３４. */
export const halfWidth = (s: string) => s.normalize("NFKC").replace(/[\u2010-\u2015\u2212\u30fc]/g, "-").trim();

/** The co-attendees' addresses as they are sent: those that are not empty. */
export const coAttendeesOf = (d: Details) => d.coAttendees.map(halfWidth).filter(Boolean);

export function toSubmission(start: string, d: Details, timezone: string, locale: Language): Submission {
  const company = d.company.trim();
  const phone = halfWidth(d.phone);
  const coAttendees = coAttendeesOf(d);
  const code = halfWidth(d.code);
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
      ...(coAttendees.length > 0 && { coAttendees }),
    },
    ...(d.consent && { consent: d.consent }),
    ...(code && { code }),
    ...(d.website && { website: d.website }),
    ...(answers.length > 0 && { answers: Object.fromEntries(answers) }),
  };
}
