declare module "@alpinejs/csp" {
  interface Alpine {
    data(name: string, make: (...parameters: never[]) => object): void;
    store(name: string, value?: unknown): unknown;
    start(): void;
  }
  const alpine: Alpine;
  export default alpine;
}
