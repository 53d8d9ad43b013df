import { Screen } from "../frame";
import { useWords } from "../messages";
import { Busy } from "../ui";

export default function Pages() {
  const m = useWords();
  return (
    <Screen heading={m.places.pages}>
      <Busy />
    </Screen>
  );
}
