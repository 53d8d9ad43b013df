import { Screen } from "./frame";
import { useWords } from "./messages";
import { ButtonLink } from "./ui";

export function NotFound() {
  const m = useWords();
  return (
    <Screen heading={m.notFound.heading} lead={m.notFound.lead}>
      <div class="actions">
        <ButtonLink href="/console">{m.notFound.home}</ButtonLink>
      </div>
    </Screen>
  );
}
