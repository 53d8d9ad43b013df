// The editor of one page: everything that a host sets, a preview of it, and care
// for what is not saved.

import { useEffect, useRef, useState } from "preact/hooks";
import { Alert } from "../../frame";
import { catalogues, type Language } from "../../messages";
import { type Answered, type Calendars, type PageSettings, Problem, SignedOut } from "../api";
import { useDraft } from "../draft";
import { Screen, useConsole, useProfile } from "../frame";
import { useWords } from "../messages";
import { useUnsaved } from "../router";
import { Button, byPath, ConfirmDialog, focusFirstError, inWords, Read, useReading } from "../ui";
import { ConflictDialog } from "./conflict-dialog";
import { usePageWords } from "./messages";
import { PreviewPane, todayIn } from "./preview";
import { Sections } from "./sections";
import { tidied } from "./settings";

export function EditorScreen({ slug }: { slug: string }) {
  const { api } = useConsole();
  const p = usePageWords();
  const page = useReading((signal) => api.page(slug, signal), slug);
  const calendars = useReading((signal) => api.calendars(signal));
  return (
    <Read from={page} lines={8}>
      {(read) => <Editor key={slug} slug={slug} read={read} calendars={calendars.value} back={{ href: "/console/pages", text: p.editor.back }} />}
    </Read>
  );
}

interface Props {
  slug: string;
  read: Answered<PageSettings>;
  calendars: Calendars | undefined;
  back: { href: string; text: string };
}

function Editor({ slug, read, calendars, back }: Props) {
  const { api, config, toast } = useConsole();
  const { handle } = useProfile();
  const m = useWords();
  const p = usePageWords();
  const form = useRef<HTMLFormElement>(null);
  const [base, setBase] = useState(read.body);
  const [etag, setEtag] = useState(read.etag ?? "");
  const draft = useDraft(`page:${handle}/${slug}`, read.body);
  const [recovered, setRecovered] = useState(draft.unsaved);
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [refused, setRefused] = useState<unknown>();
  const [saving, setSaving] = useState(false);
  const [theirs, setTheirs] = useState<Answered<PageSettings>>();
  const [discarding, setDiscarding] = useState(false);
  const [previewed, setPreviewed] = useState(false);
  useUnsaved(draft.unsaved);

  const took = ({ body, etag: next }: Answered<PageSettings>) => {
    setBase(body);
    setEtag(next ?? "");
    setErrors({});
    setRefused(undefined);
    setRecovered(false);
    draft.saved(body);
  };

  const save = async (settings: PageSettings, version: string, done: string) => {
    setSaving(true);
    setRefused(undefined);
    try {
      took(await api.savePage(slug, tidied(settings), version));
      toast(done);
      setTheirs(undefined);
    } catch (error) {
      if (error instanceof SignedOut) return;
      if (error instanceof Problem && error.code === "page_changed") {
        try {
          setTheirs(await api.page(slug));
        } catch (reading) {
          setRefused(reading);
        }
      } else if (error instanceof Problem && error.errors.length > 0) {
        setErrors(byPath(error.errors));
        focusFirstError(form.current);
      } else setRefused(error);
    } finally {
      setSaving(false);
    }
  };
  const submit = () => {
    if (!saving) void save(draft.value, etag, m.saved);
  };

  const latest = useRef(submit);
  latest.current = submit;
  useEffect(() => {
    const pressed = (e: KeyboardEvent) => {
      if (e.key.toLowerCase() !== "s" || !(e.ctrlKey || e.metaKey) || e.altKey || e.shiftKey) return;
      e.preventDefault();
      latest.current();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);

  const value = draft.value;
  const today = todayIn(value.timezone);
  const wrong = Object.keys(errors).length;
  const address = `${config.origin}/b/${handle}/${slug}`;

  return (
    <Screen heading={value.title || slug} back={back} wide lead={base.published ? <a href={address} target="_blank" rel="noreferrer">{`${p.editor.open}${m.opensOutside}`}</a> : p.editor.draft}>
      <div class={previewed ? "editor previewed" : "editor"}>
        <nav class="editor-contents" aria-label={p.editor.contents}>
          <ul>
            {(Object.keys(p.editor.sections) as (keyof typeof p.editor.sections)[]).map((s) => (
              <li key={s}>
                <a href={`#page-${s}`}>{p.editor.sections[s]}</a>
              </li>
            ))}
          </ul>
        </nav>
        <form
          ref={form}
          class="editor-form"
          noValidate
          onSubmit={(e) => {
            e.preventDefault();
            submit();
          }}
        >
          {recovered && draft.unsaved && <p class="outcome">{p.editor.recovered}</p>}
          {wrong > 0 && <Alert>{m.failed.fields(wrong)}</Alert>}
          {refused !== undefined && <Alert>{inWords(refused, m)}</Alert>}
          <Sections value={value} errors={errors} calendars={calendars} today={today} change={draft.change} languages={languages} />
          <div class="save-bar">
            <p role="status" class="quiet">
              {saving ? m.saving : draft.unsaved ? p.editor.unsaved : p.editor.saved}
            </p>
            <div class="actions">
              <Button submit primary busy={saving}>
                {m.save}
              </Button>
              {base.published ? (
                <Button busy={saving} press={() => save({ ...value, published: false }, etag, p.list.unpublishedNow)}>
                  {p.editor.unpublish}
                </Button>
              ) : (
                <Button busy={saving} press={() => save({ ...value, published: true }, etag, p.list.publishedNow)}>
                  {p.editor.publish}
                </Button>
              )}
              {draft.unsaved && (
                <Button haspopup="dialog" press={() => setDiscarding(true)}>
                  {p.editor.discard}
                </Button>
              )}
              <Button pressed={previewed} press={() => setPreviewed(!previewed)}>
                {p.preview.heading}
              </Button>
            </div>
          </div>
        </form>
        {previewed && (
          <aside class="editor-preview" aria-label={p.preview.heading}>
            <h2>{p.preview.heading}</h2>
            <PreviewPane page={tidied(value)} today={today} />
          </aside>
        )}
      </div>
      {theirs && (
        <ConflictDialog
          base={base}
          mine={value}
          theirs={theirs.body}
          busy={saving}
          keep={(settings) => save(settings, theirs.etag ?? "", m.saved)}
          take={() => {
            took(theirs);
            setTheirs(undefined);
          }}
          close={() => setTheirs(undefined)}
        />
      )}
      {discarding && (
        <ConfirmDialog
          title={p.editor.discardHeading}
          lead={p.editor.discardLead}
          confirm={p.editor.discard}
          danger
          close={() => setDiscarding(false)}
          confirmed={() => {
            draft.saved(base);
            setErrors({});
            setRecovered(false);
            setDiscarding(false);
          }}
        >
          {null}
        </ConfirmDialog>
      )}
    </Screen>
  );
}

const languages: { value: Language; label: string }[] = (["ja", "en"] as const).map((l) => ({ value: l, label: catalogues[l].language }));
