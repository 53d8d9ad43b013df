import type { Connection } from "./api";
import { useWords } from "./messages";

export function ConnectionChip({ connection: { status } }: { connection: Pick<Connection, "status"> }) {
  const m = useWords();
  const tone = { connected: "good", disconnected: "off", reauthorize: "wrong" }[status];
  return (
    <span class="chip" data-tone={tone}>
      {m.integrations.status[status]}
    </span>
  );
}
