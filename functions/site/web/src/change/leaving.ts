import { useEffect, useState } from "preact/hooks";

/** Gives the signal by which a screen's waiting ends once its guest leaves it. What was sent by then may still be answered. */
export function useLeaving(): AbortSignal {
  const [leave] = useState(() => new AbortController());
  useEffect(() => () => leave.abort(), []);
  return leave.signal;
}
