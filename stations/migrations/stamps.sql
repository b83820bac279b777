-- When a row last changed, for the calendars on telephones (RFC 5545: LAST-MODIFIED and SEQUENCE only rise).
-- A trigger, because plans are also written in bulk; the clock is the database's. Each change is stamped at
-- least a second after every earlier one of the same occasion, so that two quick changes still rise.

CREATE OR REPLACE FUNCTION stations_stamp() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  v_floor timestamptz;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    -- A row saved from an older copy carries the older stamp; a later one is meant.
    IF NEW.changed_at > OLD.changed_at THEN
      RETURN NEW;
    END IF;
    NEW.changed_at := OLD.changed_at;
    IF NEW IS NOT DISTINCT FROM OLD THEN
      RETURN NEW;
    END IF;
    v_floor := OLD.changed_at;
  END IF;
  IF TG_TABLE_NAME = 'stations_participation' THEN
    v_floor := greatest(v_floor,
      (SELECT changed_at FROM stations_receptionday WHERE id = NEW.reception_day_id),
      (SELECT max(changed_at) FROM stations_participation WHERE reception_day_id = NEW.reception_day_id),
      (SELECT changed_at FROM stations_activity WHERE id = NEW.activity_id));
  ELSIF TG_TABLE_NAME = 'stations_upperturn' THEN
    v_floor := greatest(v_floor,
      (SELECT changed_at FROM stations_receptionday WHERE id = NEW.reception_day_id),
      (SELECT max(changed_at) FROM stations_participation WHERE reception_day_id = NEW.reception_day_id));
  ELSIF TG_TABLE_NAME = 'stations_receptionday' AND TG_OP = 'UPDATE' THEN
    v_floor := greatest(v_floor,
      (SELECT max(changed_at) FROM stations_participation WHERE reception_day_id = NEW.id),
      (SELECT max(changed_at) FROM stations_upperturn WHERE reception_day_id = NEW.id));
  ELSIF TG_TABLE_NAME = 'stations_activity' AND TG_OP = 'UPDATE' THEN
    v_floor := greatest(v_floor, (SELECT max(changed_at) FROM stations_participation WHERE activity_id = NEW.id));
  END IF;
  NEW.changed_at := greatest(clock_timestamp(), v_floor + interval '1 second');
  RETURN NEW;
END $$;

-- What a telephone knows a reception by. The same day laid out anew is the same entry, so the name comes from the
-- station and the day of the rule, unless a day that goes on under another rule still holds it.
CREATE OR REPLACE FUNCTION stations_name_day() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    NEW.calendar_uid := OLD.calendar_uid;
    RETURN NEW;
  END IF;
  SELECT md5(public_code || ':' || NEW.nominal_day)::uuid INTO NEW.calendar_uid FROM stations_station WHERE id = NEW.station_id;
  IF NEW.calendar_uid IS NULL OR EXISTS (
    SELECT 1 FROM stations_receptionday WHERE station_id = NEW.station_id AND calendar_uid = NEW.calendar_uid
  ) THEN
    NEW.calendar_uid := gen_random_uuid();
  END IF;
  RETURN NEW;
END $$;

-- A turn taken away leaves no row to be newer: its day is.
CREATE OR REPLACE FUNCTION stations_stamp_day() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE stations_receptionday
    SET changed_at = greatest(clock_timestamp(), changed_at + interval '1 second', OLD.changed_at + interval '1 second')
    WHERE id = OLD.reception_day_id;
  RETURN NULL;
END $$;

CREATE TRIGGER stamp BEFORE INSERT OR UPDATE ON stations_station FOR EACH ROW EXECUTE FUNCTION stations_stamp();
CREATE TRIGGER stamp BEFORE INSERT OR UPDATE ON stations_receptionday FOR EACH ROW EXECUTE FUNCTION stations_stamp();
CREATE TRIGGER stamp BEFORE INSERT OR UPDATE ON stations_activity FOR EACH ROW EXECUTE FUNCTION stations_stamp();
CREATE TRIGGER stamp BEFORE INSERT OR UPDATE ON stations_participation FOR EACH ROW EXECUTE FUNCTION stations_stamp();
CREATE TRIGGER name_day BEFORE INSERT OR UPDATE OF calendar_uid ON stations_receptionday FOR EACH ROW
  EXECUTE FUNCTION stations_name_day();
CREATE TRIGGER stamp_day AFTER DELETE ON stations_participation FOR EACH ROW
  WHEN (OLD.reception_day_id IS NOT NULL) EXECUTE FUNCTION stations_stamp_day();
