/* SPDX-License-Identifier: MIT */
/* The two notices that GitHub Classroom takes the points from, as its own reporter prints them.
 *
 * A grading that failed through no fault of the submission gets none: no points are better than wrong ones. Points are
 * rounded down, so that only full marks look like full marks. */
#include <math.h>

#include "harness/export/export_part.h"
#include "harness/heap.h"

char *export_classroom(const struct export_item *item, size_t count) {
    const struct export_total total = export_add_up(item, count);
    const double points = floor(total.points + 1e-6), most = floor(total.max_points + 0.5);
    if (!total.judged || !(most > 0))
        return heap_format("::error title=Autograding failed::No points were given, since not every submission could "
                           "be graded; run the job again.\n");
    return heap_format("::notice title=Autograding complete::Points %.0f/%.0f\n"
                       "::notice title=Autograding report::{\"totalPoints\":%.0f,\"maxPoints\":%.0f}\n",
                       points, most, points, most);
}
