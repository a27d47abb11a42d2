/* SPDX-License-Identifier: MIT */
/* GitLab's code quality report: a list of issues, each with a fingerprint of its own. No byte order mark. */
#include "harness/export/export_part.h"
#include "harness/export/issue.h"
#include "harness/report_json_part.h"

char *export_code_quality(const struct export_item *item, size_t count) {
    struct issues issues;
    issues_find(item, count, &issues);
    cJSON *root = cJSON_CreateArray();
    for (size_t i = 0; i < issues.count; i++) {
        const struct issue *issue = &issues.issue[i];
        cJSON *one = cJSON_CreateObject();
        report_json_text(one, "description", issue->words);
        report_json_text(one, "check_name", issue->check);
        report_json_text(one, "fingerprint", issue->fingerprint);
        report_json_text(one, "severity", issue_severity_word(issue->severity));
        cJSON *location = cJSON_AddObjectToObject(one, "location");
        report_json_text(location, "path", issue->path);
        cJSON *lines = cJSON_AddObjectToObject(location, "lines");
        report_json_integer(lines, "begin", issue->line);
        cJSON_AddItemToArray(root, one);
    }
    issues_release(&issues);
    return export_json(root);
}
