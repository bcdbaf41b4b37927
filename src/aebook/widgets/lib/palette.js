/* The colours of numbers: red, green, blue. */

export const BLUE = [47, 125, 209]; // above 0
export const ORANGE = [214, 106, 24]; // below 0
export const PURPLE = [150, 60, 190]; // marked
export const GREY = [128, 128, 128]; // cut off
