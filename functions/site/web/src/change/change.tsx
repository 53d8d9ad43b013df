// What guests change of their bookings, and what they are told of a change: a chunk
// of its own, which is loaded where there is one.

export { CancelScreen } from "./cancel-screen";
export { Reschedule } from "./reschedule";
export { Cancelled, MoveFailed, Moved, Moving } from "./told";
