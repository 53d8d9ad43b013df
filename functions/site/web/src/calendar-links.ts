// Links that open a web calendar with the appointment filled in. The invitation
// in the mail has the same appointment under its lasting UID; a guest whose mail
// does not reach their calendar takes one of these.

import type { Booking } from "./api";
import type { Messages } from "./messages";

export interface CalendarLink {
  name: string;
  href: string;
}

export function calendarLinks(b: Booking, m: Messages): CalendarLink[] {
  const title = m.result.eventTitle(b.title, b.host);
  const notes = [b.joinUrl, b.passcode && `${m.result.passcode}: ${b.passcode}`, b.note && `\n${b.note}`].filter(Boolean).join("\n");
  const place = b.joinUrl ?? "Zoom";
  const outlook = { path: "/calendar/action/compose", rru: "addevent", subject: title, startdt: utc(b.start), enddt: utc(b.end), body: notes, location: place };
  return [
    {
      name: "Google",
      href: link("https://calendar.google.com/calendar/render", {
        action: "TEMPLATE",
        text: title,
        dates: `${compact(b.start)}/${compact(b.end)}`,
        details: notes,
        location: place,
      }),
    },
    { name: "Outlook.com", href: link("https://outlook.live.com/calendar/0/deeplink/compose", outlook) },
    { name: "Microsoft 365", href: link("https://outlook.office.com/calendar/0/deeplink/compose", outlook) },
  ];
}

/** Outlook shows a "+" for each space that a form's encoding makes of one. */
const link = (base: string, query: Record<string, string>) => `${base}?${new URLSearchParams(query).toString().replaceAll("+", "%20")}`;

const utc = (stamp: string) => new Date(stamp).toISOString().replace(".000", "");
const compact = (stamp: string) => utc(stamp).replace(/[-:]/g, "");
