/**
 * Dates in fields: `Date`, `Last-Modified`, `Expires` and those of conditions.
 *
 *     Sun, 06 Nov 1994 08:49:37 GMT      IMF-fixdate: what we write
 *     Sunday, 06-Nov-94 08:49:37 GMT     RFC 850: obsolete
 *     Sun Nov  6 08:49:37 1994           asctime: obsolete
 *
 * Spec: RFC 9110 §5.6.7. Differs: the name of the day must be one, but need not be that of the
 * date: there are servers that have written `Mon, 26 Jul 1997` for twenty years, and it was a
 * Saturday.
 *
 * After: `datetimeToString` and `stringToDatetime` of twisted.web.http, which takes any time zone
 * for GMT, and a year of two digits for one from 1969 to 2068, whatever the year is.
 *
 * @module
 */
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const MONTH = `(?<month>${MONTHS.join("|")})`;
const DAY_NAME = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)";
const DAY_NAME_LONG = "(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)";
const DAY = String.raw`(?<day>\d\d)`;
const TIME = String.raw`(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)`;
const YEAR = String.raw`(?<year>\d{4})`;
const IMF_FIXDATE = new RegExp(`^${DAY_NAME}, ${DAY} ${MONTH} ${YEAR} ${TIME} GMT$`, "u");
const RFC_850 = new RegExp(
  String.raw`^${DAY_NAME_LONG}, ${DAY}-${MONTH}-(?<year>\d\d) ${TIME} GMT$`,
  "u",
);
const ASCTIME = new RegExp(String.raw`^${DAY_NAME} ${MONTH} (?<day>[ \d]\d) ${TIME} ${YEAR}$`, "u");
/** The years 0 to 9999, which is what four digits can say. */
const SECONDS_MIN = -62_167_219_200;
const SECONDS_END = 253_402_300_800;

/**
 * `Sun, 06 Nov 1994 08:49:37 GMT`.
 *
 * @param seconds Since the epoch; a part of a second is cut off.
 * @throws {RangeError} The year has not four digits, or `seconds` is no number.
 *
 * @example
 * ```ts
 * import { formatHTTPDate, parseHTTPDate } from "sennit/http";
 *
 * const text = formatHTTPDate(784_111_777);
 * console.log(text); // Sun, 06 Nov 1994 08:49:37 GMT
 * console.log(parseHTTPDate(text, 1_800_000_000)); // 784111777
 * ```
 */
export function formatHTTPDate(seconds: number): string {
  if (!(seconds >= SECONDS_MIN && seconds < SECONDS_END)) {
    throw new RangeError(
      `Cannot write ${String(seconds)} seconds as a date: expected a year from 0 to 9999`,
    );
  }
  return new Date(Math.floor(seconds) * 1000).toUTCString();
}

/**
 * Read a date in any of the three forms.
 *
 * @param now Seconds since the epoch. The two digits of an RFC 850 year mean the latest year that
 * is not more than 50 years ahead of it.
 * @returns Seconds since the epoch; `undefined` if it is no date. A leap second is the first second
 * of the next day.
 */
export function parseHTTPDate(text: string, now: number): number | undefined {
  const groups = (IMF_FIXDATE.exec(text) ?? ASCTIME.exec(text))?.groups;
  if (groups !== undefined) return toSeconds(groups, Number(groups["year"]));
  const short = RFC_850.exec(text)?.groups;
  return short === undefined ? undefined : fromShortYear(short, now);
}

function fromShortYear(groups: Readonly<Record<string, string>>, now: number): number | undefined {
  const latest = new Date(now * 1000);
  latest.setUTCFullYear(latest.getUTCFullYear() + 50);
  const latestYear = latest.getUTCFullYear();
  const year = latestYear - ((latestYear - Number(groups["year"])) % 100);
  const seconds = toSeconds(groups, year);
  const isTooLate = seconds !== undefined && seconds * 1000 > latest.getTime();
  return isTooLate ? toSeconds(groups, year - 100) : seconds;
}

function toSeconds(groups: Readonly<Record<string, string>>, year: number): number | undefined {
  const { day = "", month = "", hour = "", minute = "", second = "" } = groups;
  const isTime =
    Number(hour) < 24 &&
    Number(minute) < 60 &&
    (Number(second) < 60 || `${hour}${minute}${second}` === "235960");
  if (!isTime) return undefined;
  const date = new Date(0);
  // Not Date.UTC(): that takes the year 94 for 1994.
  date.setUTCFullYear(year, MONTHS.indexOf(month), Number(day));
  // 31 Apr has become 1 May.
  if (date.getUTCDate() !== Number(day)) return undefined;
  return date.setUTCHours(Number(hour), Number(minute), Number(second)) / 1000;
}
