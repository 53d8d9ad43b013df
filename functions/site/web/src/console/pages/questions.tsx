// What a page asks its guests: added, changed, put in order by dragging or by
// buttons.

import { useRef, useState } from "preact/hooks";
import type { PageQuestion } from "../api";
import { Button, SelectField, TextField, TickField } from "../ui";
import { Icon } from "../ui/icon";
import { usePageWords } from "./messages";
import { chooses, moved, nextID, retyped } from "./settings";
import type { Errors } from "./week-hours";

interface Props {
  questions: PageQuestion[];
  errors: Errors;
  change: (questions: PageQuestion[]) => void;
}

const types = ["text", "textarea", "select", "multiselect", "checkbox"] as const;

export function Questions({ questions, errors, change }: Props) {
  const p = usePageWords();
  const list = useRef<HTMLOListElement>(null);
  const [said, setSaid] = useState("");
  const [dragged, setDragged] = useState<number>();

  const set = (i: number, q: PageQuestion) => change(questions.map((other, n) => (n === i ? q : other)));
  const focus = (i: number, selector: string) =>
    requestAnimationFrame(() => list.current?.querySelectorAll<HTMLElement>(":scope > li")[i]?.querySelector<HTMLElement>(selector)?.focus());
  const move = (from: number, to: number, selector?: string) => {
    if (to < 0 || to >= questions.length || from === to) return;
    change(moved(questions, from, to));
    setSaid(p.editor.questionMoved(to + 1, questions.length));
    if (selector) focus(to, selector);
  };

  return (
    <>
      {questions.length === 0 && <p class="quiet">{p.editor.questionsNone}</p>}
      <ol ref={list} class="questions">
        {questions.map((q, i) => (
          <li
            key={q.id}
            class={dragged === i ? "question dragged" : "question"}
            onDragOver={(e) => {
              if (dragged === undefined) return;
              e.preventDefault();
              if (dragged !== i) {
                move(dragged, i);
                setDragged(i);
              }
            }}
            onDrop={(e) => e.preventDefault()}
          >
            <div class="question-head">
              <span
                class="handle"
                draggable
                aria-hidden="true"
                title={p.editor.questionDrag(i + 1)}
                onDragStart={(e) => {
                  e.dataTransfer?.setData("text/plain", q.label);
                  setDragged(i);
                }}
                onDragEnd={() => setDragged(undefined)}
              >
                <Icon name="more" />
              </span>
              <h3 class="unseen">{p.editor.questionLabel(i + 1)}</h3>
              <div class="question-order">
                <Order mark="↑" label={p.editor.questionUp(i + 1)} off={i === 0} kind="up" press={() => move(i, i - 1, i - 1 === 0 ? "[data-order=down]" : "[data-order=up]")} />
                <Order mark="↓" label={p.editor.questionDown(i + 1)} off={i === questions.length - 1} kind="down" press={() => move(i, i + 1, i + 1 === questions.length - 1 ? "[data-order=up]" : "[data-order=down]")} />
                <Order
                  mark="×"
                  label={p.editor.questionRemove(i + 1)}
                  off={false}
                  kind="remove"
                  press={() => {
                    change(questions.filter((_, n) => n !== i));
                    if (questions.length > 1) focus(Math.max(0, i - 1), "input");
                  }}
                />
              </div>
            </div>
            <TextField name={`questions[${i}].label`} label={p.editor.questionLabel(i + 1)} required value={q.label} error={errors[`questions[${i}].label`]} change={(label) => set(i, { ...q, label })} />
            <SelectField name={`questions[${i}].type`} label={p.editor.questionType} value={q.type} options={types.map((t) => ({ value: t, label: p.editor.questionTypes[t] }))} error={errors[`questions[${i}].type`]} change={(type) => set(i, retyped(q, type))} />
            {chooses(q.type) && (
              <TextField
                name={`questions[${i}].options`}
                label={p.editor.options}
                required
                lines={4}
                value={q.options.join("\n")}
                error={errors[`questions[${i}].options`] ?? Object.entries(errors).find(([path]) => path.startsWith(`questions[${i}].options[`))?.[1]}
                change={(text) => set(i, { ...q, options: text.split("\n") })}
              />
            )}
            <TickField name={`questions[${i}].required`} label={p.editor.questionRequired} required checked={q.required} error={undefined} change={(required) => set(i, { ...q, required })} />
          </li>
        ))}
      </ol>
      <div class="actions">
        <Button
          press={() => {
            change([...questions, { id: nextID(questions), label: "", type: "text", required: false, options: [] }]);
            focus(questions.length, "input");
          }}
        >
          {p.editor.questionAdd}
        </Button>
      </div>
      <p class="unseen" role="status">
        {said}
      </p>
    </>
  );
}

function Order({ mark, label, off, kind, press }: { mark: string; label: string; off: boolean; kind: string; press: () => void }) {
  return (
    <button type="button" class="close" data-order={kind} aria-label={label} aria-disabled={off} onClick={() => off || press()}>
      <span aria-hidden="true">{mark}</span>
    </button>
  );
}
