#ifndef RGRID_SWEEP_H
#define RGRID_SWEEP_H

#include <sys/types.h>

/* Removes what scripts of `uid` left in this container beside `keep` (NULL ends it): the mounted directories that the
 * runner empties itself. To be called as that user when nothing of it runs any more. Returns 0 or an errno. */
int sweep(uid_t uid, char *const *keep);

#endif
