"""Clock, ids, actors, errors and the audit trail. Knows no word of the business."""
