/** How many reservations one balance has at most. */
export const MAX_RESERVATIONS = 200
