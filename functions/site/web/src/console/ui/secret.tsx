import { useCopy } from "../clipboard";
import { Button } from "./button";

interface Props {
  text: string;
  copyIt: string;
  copied: string;
  done: string;
  close: () => void;
}

/** What is shown this once: to be copied, and then to be gone. */
export function Secret({ text, copyIt, copied, done, close }: Props) {
  const copy = useCopy();
  return (
    <>
      <p class="secret wire" tabIndex={0}>
        {text}
      </p>
      <div class="actions">
        <Button primary press={() => copy(text, copied)}>
          {copyIt}
        </Button>
        <Button press={close}>{done}</Button>
      </div>
    </>
  );
}
