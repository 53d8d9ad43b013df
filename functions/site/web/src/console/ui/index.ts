export { Button, ButtonLink } from "./button";
export { DayPicker } from "./day-picker";
export { ConfirmDialog, Dialog } from "./dialog";
export { byPath, focusFirstError, RadioField, SelectField, TextField, TickField, ZoneLine } from "./field";
export { Form } from "./form";
export { MailAddress } from "./mail-address";
export { Secret } from "./secret";
export { Busy, Empty, Failed, inWords, Read, type Reading, useDoing, useReading } from "./states";
export { TicksField } from "./ticks-field";
