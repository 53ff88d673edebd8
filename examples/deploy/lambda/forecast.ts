/** Takes the place of the work that is sold. */
export function forecast(city: string): string {
  return `Sunny in ${city}`
}
