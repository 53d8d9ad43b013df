// The console's few pictures, drawn on a grid of 24. They stand beside words and
// say nothing of their own.

const drawings = {
  home: "M4 11.5 12 5l8 6.5M6 10v9h12v-9M10 19v-5h4v5",
  pages: "M6 4h9l3 3v13H6zM9 10h6M9 13.5h6M9 17h4",
  bookings: "M5 6.5h14V20H5zM5 10.5h14M9 4v4M15 4v4M9 15l2 2 4-4",
  integrations: "M9.5 14.5l5-5M8 11l-2.2 2.2a3.5 3.5 0 0 0 5 5L13 16M16 13l2.2-2.2a3.5 3.5 0 0 0-5-5L11 8",
  settings: "M4 7h9M17 7h3M4 12h3M11 12h9M4 17h9M17 17h3M15 5v4M9 10v4M15 15v4",
  back: "M14 6l-6 6 6 6",
  forward: "M10 6l6 6-6 6",
  done: "M5 12.5l4.5 4.5L19 7.5",
  warning: "M12 4.5 21 19.5H3zM12 10v4.5M12 16.8v.4",
  outside: "M10 6H6v12h12v-4M13 5h6v6M19 5l-8 8",
  copy: "M9 9h10v10H9zM6 15H5V5h10v1",
  plus: "M12 5v14M5 12h14",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  search: "M11 5a6 6 0 1 0 0 12 6 6 0 0 0 0-12zM15.5 15.5 20 20",
} as const;

export type IconName = keyof typeof drawings;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" focusable="false">
      <path d={drawings[name]} fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" />
    </svg>
  );
}
