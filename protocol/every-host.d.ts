// What every host of these files has, whichever it is: the project of plain data includes no host's types. The projects of
// the hosts have the real ones and do not include this file.
declare const URL: new (text: string) => {
  protocol: string;
  host: string;
  pathname: string;
  origin: string;
  username: string;
  password: string;
  searchParams: { get(name: string): string | null };
};
declare const URLSearchParams: new () => { set(name: string, value: string): void; toString(): string };
