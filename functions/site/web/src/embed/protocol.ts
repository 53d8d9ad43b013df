// What a site and the page that it embeds say to each other: the page's URL, and
// the messages that the page posts.

/** Where a page opens: in the link's place, or over the site. */
export type Mode = "inline" | "dialog";

/** What the embedding site learns of a booking: nothing personal, and no token. */
export interface BookedSlot {
  id: string;
  start: string;
  end: string;
  status: string;
}

/** "top" asks the site to show the page from its top: another screen is there. */
export type Message =
  | { yakusoku: "size"; height: number }
  | { yakusoku: "booked"; booking: BookedSlot }
  | { yakusoku: "top" }
  | { yakusoku: "close" };

export const isMode = (name: unknown): name is Mode => name === "inline" || name === "dialog";

/** The address of a page in a frame on the site that has the origin. */
export function frameAddress(page: string, mode: Mode, origin: string): string {
  const address = new URL(page);
  address.searchParams.set("embed", mode);
  address.searchParams.set("origin", origin);
  return address.href;
}

/** Picks what may be told: a booking may know more than its type says. */
export const slotOf = ({ id, start, end, status }: BookedSlot): BookedSlot => ({ id, start, end, status });

const least = 320; // pixels: a page's own dialogs need room
const most = 20_000;

/** The message in what was posted, with a height that a site can bear; undefined if it is none. */
export function messageIn(posted: unknown): Message | undefined {
  const { yakusoku, height, booking } = Object(posted) as Record<string, unknown>;
  switch (yakusoku) {
    case "size":
      return Number.isFinite(height) && (height as number) > 0
        ? { yakusoku, height: Math.min(Math.max(height as number, least), most) }
        : undefined;
    case "booked": {
      const slot = slotOf(Object(booking) as BookedSlot);
      return Object.values(slot).every((value) => typeof value === "string") ? { yakusoku, booking: slot } : undefined;
    }
    case "top":
    case "close":
      return { yakusoku };
    default:
      return undefined;
  }
}
