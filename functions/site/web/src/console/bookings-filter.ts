// Which bookings are looked for, as the address keeps it.

import type { BookingFilter, BookingStatus } from "./api";

export interface Looking {
  when: BookingFilter["when"];
  status: BookingStatus | "";
  page: string;
  q: string;
}

export const statuses: readonly BookingStatus[] = ["pending", "confirmed", "failed", "cancelled"];

export function lookingOf(query: Record<string, string>): Looking {
  const status = statuses.find((s) => s === query.status) ?? "";
  return { when: query.when === "past" ? "past" : "upcoming", status, page: query.page ?? "", q: query.q ?? "" };
}

export function addressOf({ when, status, page, q }: Looking): string {
  const given = Object.entries({ when: when === "past" ? when : "", status, page, q: q.trim() }).filter(([, v]) => v !== "");
  return given.length > 0 ? `/console/bookings?${new URLSearchParams(given)}` : "/console/bookings";
}

/** Whether anything but the tab narrows the list. */
export const narrowed = ({ status, page, q }: Looking) => status !== "" || page !== "" || q.trim() !== "";
