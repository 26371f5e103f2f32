/*
 * Copyright (C) the nginx-workers authors
 *
 * HTMLRewriter, whose classes are made when it is first used.
 */

export default (HTMLRewriter) => ({ HTMLRewriter });
