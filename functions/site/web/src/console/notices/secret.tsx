// The secret that signs a notice: shown once, with how to verify by it.

import { useCopy } from "../clipboard";
import { useWords } from "../messages";
import { Button, Dialog } from "../ui";
import { useNoticeWords } from "./messages";

export function SecretDialog({ secret, close }: { secret: string; close: () => void }) {
  const n = useNoticeWords();
  const copy = useCopy();
  return (
    <Dialog title={n.secret.shownHeading} lead={n.secret.shownLead} close={close} wide>
      <p class="secret wire" tabIndex={0}>
        {secret}
      </p>
      <div class="actions">
        <Button primary press={() => copy(secret, n.secret.copied)}>
          {n.secret.copyIt}
        </Button>
        <Button press={close}>{n.secret.done}</Button>
      </div>
      <Verifying />
    </Dialog>
  );
}

/** How a receiver tells our notices from anybody else's. */
export function Verifying() {
  const m = useWords();
  const n = useNoticeWords();
  return (
    <details class="verifying">
      <summary>{n.secret.how}</summary>
      <p>{n.secret.howLead}</p>
      <ol class="numbered">
        {n.secret.howSteps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      <p>
        <a href="https://www.standardwebhooks.com/" target="_blank" rel="noreferrer">
          {n.secret.library}
          <span class="unseen">{m.opensOutside}</span>
        </a>
      </p>
    </details>
  );
}
