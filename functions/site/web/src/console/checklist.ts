// What a new host does first, in this order.

import type { BookingRow, Connection, PageRow } from "./api";

export type FirstStep = "zoom" | "calendar" | "page" | "share";

export const firstSteps: readonly FirstStep[] = ["zoom", "calendar", "page", "share"];

export interface Standing {
  connections: readonly Pick<Connection, "provider" | "status">[];
  pages: readonly Pick<PageRow, "published">[];
  everBooked: boolean;
}

export function doneSteps({ connections, pages, everBooked }: Standing): Set<FirstStep> {
  const connected = connections.filter((c) => c.status !== "disconnected").map((c) => c.provider);
  const done = new Set<FirstStep>();
  if (connected.includes("zoom")) done.add("zoom");
  if (connected.includes("google") || connected.includes("microsoft")) done.add("calendar");
  if (pages.some((p) => p.published)) done.add("page");
  if (everBooked) done.add("share");
  return done;
}

/** The bookings of the first page that are shown at home. */
export const firstFew = (rows: readonly BookingRow[]) => rows.slice(0, 5);
