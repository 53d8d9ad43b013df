// Which bookings are looked for, as the address keeps it.

import { type BookingFilter, type BookingStatus, type Concern, concerns } from "./api";

export interface Looking {
  when: BookingFilter["when"];
  status: BookingStatus | "";
  concern: Concern | "";
  page: string;
  q: string;
}

export const statuses: readonly BookingStatus[] = ["pending", "confirmed", "failed", "cancelled"];

export function lookingOf(query: Record<string, string>): Looking {
  const status = statuses.find((s) => s === query.status) ?? "";
  const concern = concerns.find((c) => c === query.concern) ?? "";
  return { when: query.when === "past" ? "past" : "upcoming", status, concern, page: query.page ?? "", q: query.q ?? "" };
}

export function addressOf({ when, status, concern, page, q }: Looking): string {
  const given = Object.entries({ when: when === "past" ? when : "", status, concern, page, q: q.trim() }).filter(([, v]) => v !== "");
  return given.length > 0 ? `/console/bookings?${new URLSearchParams(given)}` : "/console/bookings";
}

/** Whether anything but the tab narrows the list. */
export const narrowed = ({ status, concern, page, q }: Looking) => status !== "" || concern !== "" || page !== "" || q.trim() !== "";
