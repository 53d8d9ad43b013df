// Writes spans of time as the web app does, by its own code. Takes
// [{Start, End, Locale}] on stdin, of stamps as the API states them.
import { json } from "node:stream/consumers";
import { dateOf, fullDate, offsetsOf, timeOfDay } from "../../../functions/site/web/src/stamp.ts";

const spans = await json(process.stdin);
console.log(
  JSON.stringify(
    spans.map(({ Start: start, End: end, Locale: locale }) => ({
      Date: fullDate(dateOf(start), locale),
      Start: timeOfDay(start, locale),
      End: timeOfDay(end, locale),
      Offsets: offsetsOf({ start, end }),
    })),
  ),
);
