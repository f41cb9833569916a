export interface ConditionTest {
  readonly key: string;
}
