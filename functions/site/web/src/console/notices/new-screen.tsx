import { useState } from "preact/hooks";
import { type Hook, type HookFormat, hookEvents, hookFormats, type HookSettings } from "../api";
import { Screen, useConsole } from "../frame";
import { useGo, useUnsaved } from "../router";
import { Form, RadioField } from "../ui";
import { Fields, useCheck } from "./fields";
import { noticesPath } from "./list-screen";
import { useNoticeWords } from "./messages";
import { SecretDialog } from "./secret";

export function NewScreen() {
  const { api, toast } = useConsole();
  const n = useNoticeWords();
  const go = useGo();
  const check = useCheck();
  const [value, setValue] = useState<HookSettings>({ url: "", format: "slack", events: [...hookEvents], active: true });
  const [made, setMade] = useState<Hook>();
  useUnsaved(value.url !== "" && !made);
  const change = (changes: Partial<HookSettings>) => setValue((v) => ({ ...v, ...changes }));

  const leave = ({ id }: Hook) => {
    toast(n.created);
    go(`${noticesPath}/${encodeURIComponent(id)}`, { done: true, replace: true });
  };

  return (
    <Screen heading={n.newHeading} lead={n.lead} back={{ href: noticesPath, text: n.newBack }}>
      <Form
        check={() => check(value)}
        send={async () => {
          const hook = await api.createHook({ ...value, url: value.url.trim() });
          // A chat verifies nothing: its secret is of no use to anybody.
          if (hook.secret && hook.format === "json") setMade(hook);
          else leave(hook);
        }}
        action={n.create}
      >
        {(errors) => (
          <>
            <RadioField<HookFormat> name="format" label={n.format} value={value.format} options={hookFormats.map((f) => ({ value: f, label: n.formats[f] }))} error={errors.format} change={(format) => change({ format })} />
            <Fields value={value} errors={errors} change={change} />
          </>
        )}
      </Form>
      {made?.secret && <SecretDialog secret={made.secret} close={() => leave(made)} />}
    </Screen>
  );
}
