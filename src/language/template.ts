export interface Template {
  readonly source: string;
}
