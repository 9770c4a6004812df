/** The inputs that a layer may have to be solved for: of more, XᵀX would take more than 256 MB. */
export const MOST_INPUTS = 8192;
